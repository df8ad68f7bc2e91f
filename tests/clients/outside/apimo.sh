#!/bin/sh
# Leads of an Apimo agency with curl and jq: `sh apimo.sh`, from cron. One JSON object a line in leads.jsonl, newest answer wins.
set -eu
LC_ALL=C.UTF-8
export LC_ALL

limit=100
overlap=172800 # two days
tries=4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
store=$MOCKSERVER_STATE_DIR/leads.jsonl
stamp=$MOCKSERVER_STATE_DIR/timestamp
touch "$store"

log() { printf '%s\n' "apimo.sh: $*" >&2; }

# The password goes to curl by its standard input, so that `ps` does not show it.
request() { # request QUERY: body in $work/body, headers in $work/head; prints the status, 000 when there was no answer
  printf 'user = "%s:%s"\n' "$APIMO_PROVIDER" "$APIMO_TOKEN" |
    curl --config - --silent --max-time 25 --header 'Accept: application/json' --user-agent 'apimo-sh/1.0 curl/7' \
      --output "$work/body" --dump-header "$work/head" --write-out '%{http_code}' \
      "$APIMO_BASE_URL/agencies/$APIMO_AGENCY_ID/leads?$1" || true
}

header() { # header NAME: its value in the last answer
  tr -d '\r' <"$work/head" | sed -n "s/^$1: *//Ip" | tail -n 1
}

pause_of() { # pause_of ATTEMPT: seconds to wait after that attempt
  after=$(header retry-after)
  case $after in
    '') echo "$1" ;;
    *[!0-9]*) echo $(($(date -d "$after" +%s) - $(date -d "$(header date)" +%s))) ;;
    *) echo "$after" ;;
  esac
}

page() { # page QUERY: fetches one page into $work/body
  attempt=1
  while :; do
    : >"$work/head"
    : >"$work/body"
    status=$(request "$1")
    case $status in
      *200) jq -e '(.leads | type) == "array" and has("total_items")' "$work/body" >/dev/null 2>&1 && return 0 ;;
      *000 | *429 | *5??) ;;
      *) log "status $status"; return 1 ;;
    esac
    pause=$(pause_of "$attempt")
    if [ "$attempt" -ge "$tries" ] || [ "$pause" -gt 10 ]; then
      log "gave up after $attempt attempts, status $status"
      return 1
    fi
    sleep "$pause"
    attempt=$((attempt + 1))
  done
}

fetch() { # fetch: all pages into $work/new; 2 when the list shifted meanwhile
  since=
  [ -s "$stamp" ] && since="&timestamp=$(($(cat "$stamp") - overlap))"
  : >"$work/new"
  : >"$work/stamps"
  offset=0
  total=
  shifted=0
  while :; do
    page "limit=$limit&offset=$offset$since" || return 1
    jq -c '.leads[]' "$work/body" >>"$work/new"
    jq '.timestamp // empty' "$work/body" >>"$work/stamps"
    now=$(jq .total_items "$work/body")
    [ -n "$total" ] && [ "$total" != "$now" ] && shifted=2
    total=$now
    count=$(jq '.leads | length' "$work/body")
    offset=$((offset + count))
    [ "$count" -lt "$limit" ] && return $shifted
  done
}

merge() { # new lines replace old ones of the same id
  cat "$store" "$work/new" |
    jq -c -n 'reduce inputs as $lead ({}; .[$lead.id | tostring] = $lead) | .[]' >"$store.part"
  mv "$store.part" "$store"
}

outcome() {
  jq -c '
    def text: if . == "" then null else . end;
    {id: (.id | tostring), email: (.email | text), phone: ((.mobile | text) // (.phone | text)), message: (.message | text),
     name: ([.firstname, .lastname] | map(text | values) | join(" ") | text)} | with_entries(select(.value != null))
  ' "$store" >"$MOCKSERVER_OUTCOME.part"
  mv "$MOCKSERVER_OUTCOME.part" "$MOCKSERVER_OUTCOME"
}

for round in 1 2 3; do # a list that shifts for ever is taken as it came in the last round
  result=0
  fetch || result=$?
  [ "$result" -eq 2 ] || break
done

if [ "$result" -ne 1 ]; then
  merge
  if [ -s "$work/stamps" ]; then
    cat "$work/stamps" "$stamp" 2>/dev/null | sort -n | tail -n 1 >"$stamp.part"
    mv "$stamp.part" "$stamp"
  fi
fi
outcome
[ "$result" -ne 1 ]
