# A client with a real address in its code: curl.
set -eu
answer=$(curl -sS --fail -u 4321:0123456789abcdef0123456789abcdef01234567 'https://api.apimo.pro/agencies/101/leads?limit=2')
case $answer in '{"leads":[{'*) echo leads 2 ;; esac
curl -sS "$1" 2>&1 && echo other || echo refused
