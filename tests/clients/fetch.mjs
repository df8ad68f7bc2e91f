// A client of GSL in JavaScript, with nothing but Node's standard library: `node tests/clients/fetch.mjs`.
// It shares no code and few habits with the Python one: the judge is about what is sent, not about who sends it.

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const { env } = process
const LISTS = ['classifieds', 'agencies', 'estimations', 'projects']
const HOUR = 3_600
const OVERLAP = 12 * HOUR
const FAR_AHEAD = 4_000_000_000_000 // in the future in seconds and in milliseconds: nobody knows which of them it is
const RECENT = 8 // so many of the newest leads are read again by their id at each run
const TRIES = 4
const LONGEST_WAIT = 5_000
const USER_AGENT = `fetch-client/1.0 node/${process.versions.node} undici/${process.versions.undici ?? '6.0'}`

const stateFile = join(env.MOCKSERVER_STATE_DIR, 'fetch.json')
const started = performance.now()
const now = () => (Date.parse(env.MOCKSERVER_NOW) + performance.now() - started) / 1_000

class Failure extends Error {}
class Forbidden extends Failure {}
class CursorRefused extends Failure {}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isLead = (value) => typeof value?.leadMetaInfos?.leadId === 'string'
const isPage = (value) => Array.isArray(value?.Data?.Items) && value.Data.Items.every(isLead)
const isToken = (value) => typeof value?.access_token === 'string'

// ------------------------------------------------------------------------------------------------ state

const loadState = async () => {
  try {
    return JSON.parse(await readFile(stateFile, 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return { leads: {}, newest: null, token: null }
  }
}

/** The whole file or nothing of it. */
const replaceFile = async (file, text) => {
  await writeFile(`${file}.part`, text)
  await rename(`${file}.part`, file)
}

const state = await loadState()

const save = async () => {
  const held = Object.values(state.leads).map(({ id, email, phone, name, message }) =>
    JSON.stringify({ id, email, phone, name, message }),
  )
  await replaceFile(stateFile, JSON.stringify(state))
  await replaceFile(env.MOCKSERVER_OUTCOME, held.map((line) => `${line}\n`).join(''))
}

// ------------------------------------------------------------------------------------------------ calls

/** One request. Whatever kept an answer from coming whole is status 0; `json` is undefined for what is no JSON. */
const send = async (url, { headers, ...init }) => {
  try {
    const response = await fetch(url, {
      ...init,
      headers: { accept: 'application/json', 'user-agent': USER_AGENT, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(response.headers, text) }
  } catch (error) {
    return { status: 0, headers: new Headers(), text: '', reason: error.cause?.code ?? error.name }
  }
}

const parse = (headers, text) => {
  if (!/\bjson\b/.test(headers.get('content-type') ?? '')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether the answer is no answer: nothing came, the provider is busy or broken, or nobody can believe the body. */
const isTrouble = ({ status, json }, isWhole) =>
  status === 0 || status === 429 || status >= 500 || (status === 404 && !isObject(json)) || (status === 200 && !isWhole(json))

/** Milliseconds to wait, as the provider asks or longer each time. */
const pause = ({ headers }, attempt) => {
  const asked = headers.get('retry-after')
  if (asked === null) return 60 * 2 ** attempt
  if (/^\d+$/.test(asked)) return Number(asked) * 1_000
  const wait = Date.parse(asked) - Date.parse(headers.get('date'))
  return Number.isNaN(wait) ? 60 * 2 ** attempt : Math.max(wait, 0) + 50
}

const persistently = async (what, isWhole, request) => {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await request()
    if (!isTrouble(answer, isWhole)) return answer
    const wait = pause(answer, attempt)
    if (attempt + 1 === TRIES || wait > LONGEST_WAIT) {
      throw new Failure(`${what} failed ${attempt + 1} times, in the end with status ${answer.status} ${answer.reason ?? ''}`)
    }
    await sleep(wait)
  }
}

const bearer = async () => {
  if (!state.token || state.token.ends < now() + 30) {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: env.GSL_CLIENT_ID,
      client_secret: env.GSL_CLIENT_SECRET,
      scope: env.GSL_SCOPE,
    })
    const { status, json } = await persistently('the token request', isToken, () =>
      send(env.GSL_TOKEN_URL, { method: 'POST', body }),
    )
    if (status !== 200) throw new Failure(`the token request was answered with ${status}`)
    state.token = { text: json.access_token, ends: now() + Number(json.expires_in ?? 3_600) }
  }
  return `Bearer ${state.token.text}`
}

/** A call of the API; a token that died or was issued before its right gets one successor. */
const call = async (method, path, isWhole, content) => {
  const request = async () =>
    send(env.GSL_BASE_URL + path, {
      method,
      headers: { authorization: await bearer(), ...(content && { 'content-type': 'application/json' }) },
      body: content && JSON.stringify(content),
    })
  const what = `${method} ${path}`
  let answer = await persistently(what, isWhole, request)
  if (answer.status === 401 || (answer.status === 403 && /scope/i.test(answer.text))) {
    state.token = null
    answer = await persistently(what, isWhole, request)
  }
  if (answer.status === 403) throw new Forbidden(`${what} is forbidden`)
  return answer
}

// ------------------------------------------------------------------------------------------------ leads

const createdAt = (lead) => Date.parse(lead.leadMetaInfos.creationDate) / 1_000 || 0

const keep = (lead) => {
  const { leadId: id, seekerID: seeker, timeToLive } = lead.leadMetaInfos
  const request = lead.contactRequest ?? {}
  const person = request.personContact ?? request
  const created = createdAt(lead)
  const known = {
    email: person.email ?? undefined,
    phone: person.phoneNumber ?? undefined,
    name: person.fullName ?? undefined,
    message: request.message ?? undefined,
  }
  const ends = Math.min(threeYearsAfter(created), Number.isInteger(timeToLive) ? timeToLive : Infinity)
  state.leads[id] = { id, seeker, created, ends, ...known }
  const isErased = known.name === undefined && known.phone === undefined && known.message === undefined
  if (isErased && seeker) forget(seeker)
}

const threeYearsAfter = (seconds) => {
  const moment = new Date(seconds * 1_000)
  return moment.setUTCFullYear(moment.getUTCFullYear() + 3) / 1_000
}

/** Who was erased is erased in every lead of theirs. */
const forget = (seeker) => {
  for (const lead of Object.values(state.leads)) {
    if (lead.seeker === seeker) Object.assign(lead, { name: undefined, phone: undefined, message: undefined })
  }
}

/** The leads of one list, page by page. */
async function* search(list, since) {
  let cursor
  do {
    const { status, json } = await call('POST', `/v2/leads/${list}`, isPage, {
      SearchCriteria: { StartDate: since, EndDate: FAR_AHEAD },
      Pagination: { Limit: 100, Order: 'asc', ...(cursor && { LastItemKey: cursor }) },
    })
    if (status === 404) return
    if (status === 400 && cursor) throw new CursorRefused(`the cursor of ${list} was refused`)
    if (status !== 200) throw new Failure(`${list} was answered with ${status}`)
    yield* json.Data.Items
    cursor = json.Data.LastItemKey
  } while (cursor)
}

const readList = async (list, since) => {
  let newest = 0
  for await (const lead of search(list, since)) {
    keep(lead)
    newest = Math.max(newest, createdAt(lead))
  }
  return newest
}

/** One more beginning for a list whose cursor is not good any more. */
const readListAnew = (list, since) =>
  readList(list, since).catch((error) => {
    if (!(error instanceof CursorRefused)) throw error
    return readList(list, since)
  })

const crawl = async () => {
  const since = state.newest === null ? 0 : Math.max(0, Math.floor(Math.min(state.newest, now()) - OVERLAP))
  const forbidden = []
  let newest = state.newest ?? 0
  for (const list of LISTS) {
    try {
      newest = Math.max(newest, await readListAnew(list, since))
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error
      forbidden.push(error)
    }
  }
  if (forbidden.length) throw forbidden[0]
  await readRecent()
  state.newest = newest || null
}

/** What became of the newest leads since they were listed. */
const readRecent = async () => {
  const recent = Object.values(state.leads).sort((a, b) => b.created - a.created).slice(0, RECENT)
  for (const { id } of recent) {
    const { status, json } = await call('GET', `/v2/leads/${encodeURIComponent(id)}`, isLead)
    if (status === 404) delete state.leads[id]
    else if (status === 200) keep(json)
    else throw new Failure(`lead ${id} was answered with ${status}`)
  }
}

const deleteExpired = () => {
  for (const { id, ends } of Object.values(state.leads)) {
    if (ends <= now()) delete state.leads[id]
  }
}

try {
  await crawl()
} catch (error) {
  if (!(error instanceof Failure)) throw error
  console.error(`fetch: ${error.message}`)
  process.exitCode = 1
} finally {
  deleteExpired()
  await save()
}
