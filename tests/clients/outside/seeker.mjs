// Synchronises AVIV Seeker Leads into a JSON-lines journal: `node seeker.mjs`, Node 20, no packages.
//
// Windows of seven days are read four at a time. Between two runs two hours overlap, as the portal's own sample does it; once a day the
// last three years are swept, so that erasures of old leads are seen. The token is kept in a file of its own, readable for us alone.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const DAY = 86_400
const WINDOW = 7 * DAY
const SWEEP = 3 * 365 * DAY
const OVERLAP = 2 * 3_600
const AHEAD = 900
const PARALLEL = 4
const AGENT = 'crm-immo/5.2.0 node/20 undici/6'

class ProviderError extends Error {
  constructor(message, { cause, fatal = false } = {}) {
    super(message, { cause })
    this.fatal = fatal
  }
}

const required = (name) => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set`)
  return value
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

class Clock {
  #offset = Date.parse(required('MOCKSERVER_NOW')) - Date.now()
  get seconds() {
    return Math.floor((Date.now() + this.#offset) / 1_000)
  }
}

class Store {
  constructor(directory) {
    mkdirSync(directory, { recursive: true })
    this.file = path.join(directory, 'leads.json')
    this.tokenFile = path.join(directory, 'token.json')
    const { leads = [], syncedTo = null, sweptAt = null } = this.#read(this.file) ?? {}
    this.leads = new Map(leads.map((lead) => [lead.id, lead]))
    this.syncedTo = syncedTo
    this.sweptAt = sweptAt
    this.token = this.#read(this.tokenFile)
  }

  #read(file) {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  }

  #write(file, text, mode = 0o644) {
    writeFileSync(`${file}~`, text, { mode })
    renameSync(`${file}~`, file)
  }

  keepToken(token) {
    this.token = token
    this.#write(this.tokenFile, JSON.stringify(token ?? null), 0o600)
  }

  save(outcome) {
    const leads = [...this.leads.values()]
    this.#write(this.file, JSON.stringify({ leads, syncedTo: this.syncedTo, sweptAt: this.sweptAt }))
    this.#write(outcome, leads.map(({ expires, ...lead }) => `${JSON.stringify(lead)}\n`).join(''))
  }
}

class SeekerLeads {
  #minting
  #closedUntil = 0 // by the clock of this process: when the provider asks for a wait, nobody calls meanwhile

  constructor(store, clock) {
    this.base = required('SEEKER_BASE_URL')
    this.store = store
    this.clock = clock
  }

  async #fetch(label, makeRequest) {
    let last
    for (const backoff of [250, 750, 2_250, undefined]) {
      let wait = backoff
      try {
        const [url, init] = await makeRequest()
        while (this.#closedUntil > performance.now()) await pause(this.#closedUntil - performance.now() + 1)
        const response = await fetch(url, { redirect: 'error', ...init, signal: AbortSignal.timeout(25_000) })
        const text = await response.text()
        if (response.status !== 429 && response.status < 500) {
          const body = JSON.parse(text)
          if (body !== null && typeof body === 'object') return { status: response.status, body }
          throw new SyntaxError('not an object')
        }
        last = `HTTP ${response.status}`
        wait = backoff && this.#retryAfter(response.headers, backoff)
        if (response.headers.has('retry-after')) this.#closedUntil = performance.now() + (wait ?? 0)
      } catch (error) {
        if (error instanceof ProviderError) throw error
        last = error.cause?.code ?? error.name
      }
      if (wait === undefined || wait > 10_000) break
      await pause(wait)
    }
    throw new ProviderError(`${label}: ${last}`)
  }

  #retryAfter(headers, fallback) {
    const value = headers.get('retry-after')
    if (!value) return fallback
    const seconds = Number(value)
    if (Number.isFinite(seconds)) return seconds * 1_000
    const millis = Date.parse(value) - Date.parse(headers.get('date') ?? '')
    return Number.isFinite(millis) ? Math.max(0, millis) : fallback
  }

  /** One token for all windows; whoever comes while it is fetched waits for the same one. */
  async #token() {
    if (this.store.token && this.store.token.until > this.clock.seconds + 120) return this.store.token.value
    this.#minting ??= this.#mint().finally(() => {
      this.#minting = undefined
    })
    return this.#minting
  }

  async #mint() {
    const { status, body } = await this.#fetch('token', () => [
      required('SEEKER_TOKEN_URL'),
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': AGENT },
        body: JSON.stringify({
          grant_type: 'client_credentials',
          client_id: required('SEEKER_CLIENT_ID'),
          client_secret: required('SEEKER_CLIENT_SECRET'),
          audience: required('SEEKER_AUDIENCE'),
        }),
      },
    ])
    if (status !== 200 || typeof body.access_token !== 'string') {
      throw new ProviderError(`token: HTTP ${status} ${body.error ?? ''}`, { fatal: true })
    }
    const lifetime = Number(body.expires_in)
    this.store.keepToken({ value: body.access_token, until: this.clock.seconds + (lifetime > 0 ? lifetime : 3_600) })
    return body.access_token
  }

  async get(target) {
    for (let renewals = 0; ; renewals += 1) {
      let used
      const { status, body } = await this.#fetch(`GET ${target.split('?')[0]}`, async () => {
        used = await this.#token()
        return [this.base + target, { headers: { authorization: `Bearer ${used}`, 'user-agent': AGENT } }]
      })
      const refused = status === 401 || (status === 403 && /scope/i.test(JSON.stringify(body)))
      if (!refused) return { status, body }
      if (renewals === 1) throw new ProviderError(`GET ${target.split('?')[0]}: HTTP ${status}`, { fatal: true })
      if (this.store.token?.value === used) this.store.keepToken(undefined)
    }
  }

  async *period(from, to) {
    const query = new URLSearchParams({ minDate: from, maxDate: to, limit: 100 })
    for (;;) {
      const { status, body } = await this.get(`/leads?${query}`)
      if (status === 404) return
      if (status !== 200 && status !== 206) throw new ProviderError(`GET /leads: HTTP ${status}`, { fatal: status === 403 })
      const items = body.items ?? body.data
      if (!Array.isArray(items)) throw new ProviderError('GET /leads: no items')
      yield* items
      const [name, cursor] = this.#next(body, status, items)
      if (!cursor || items.length === 0) return
      query.set(name, cursor)
    }
  }

  #next(body, status, items) {
    if (body.pagination) return ['cursor', body.pagination.nextCursor]
    const link = body.links?.next
    const start = link && new URL(link, this.base).searchParams.get('start')
    return ['start', start ?? (status === 206 ? items.at(-1)?.metadata.leadId : undefined)]
  }
}

const toLead = ({ metadata, contactRequest }) => {
  const contact = contactRequest ?? {}
  const lead = {
    id: metadata.leadId,
    name: [contact.firstName, contact.lastName].filter(Boolean).join(' '),
    email: contact.email,
    phone: contact.phoneNumbers?.map(({ number }) => number).find(Boolean),
    message: contact.message,
    expires: metadata.TTL ?? (metadata.ingestionDate ?? 0) + SWEEP,
  }
  return Object.fromEntries(Object.entries(lead).filter(([, value]) => value !== null && value !== undefined && value !== ''))
}

const windowsOf = function* (from, to) {
  for (let start = from; start < to; start += WINDOW) yield [start, Math.min(start + WINDOW, to)]
}

/** Reads all windows, some at a time; the first failure ends the others before their next window. */
const readAll = async (api, windows, take) => {
  let failure
  const work = async () => {
    for (const [from, to] of windows) {
      if (failure) return
      try {
        for await (const item of api.period(from, to)) take(toLead(item))
      } catch (error) {
        failure ??= error
      }
    }
  }
  const shared = windows[Symbol.iterator]()
  windows = { [Symbol.iterator]: () => ({ next: () => shared.next() }) }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  if (failure) throw failure
}

const main = async () => {
  const clock = new Clock()
  const store = new Store(required('MOCKSERVER_STATE_DIR'))
  const api = new SeekerLeads(store, clock)
  const now = clock.seconds
  const sweeps = store.sweptAt === null || now - store.sweptAt >= DAY
  const from = sweeps ? now - SWEEP : store.syncedTo - OVERLAP
  try {
    await readAll(api, [...windowsOf(from, now + AHEAD)], (lead) => store.leads.set(lead.id, lead))
    store.syncedTo = now
    if (sweeps) store.sweptAt = now
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    process.exitCode = error.fatal ? 78 : 75 // sysexits: EX_CONFIG, EX_TEMPFAIL
    console.error(`seeker: ${error.message}`)
  }
  for (const [id, { expires }] of store.leads) if (expires <= clock.seconds) store.leads.delete(id)
  store.save(required('MOCKSERVER_OUTCOME'))
}

await main()
