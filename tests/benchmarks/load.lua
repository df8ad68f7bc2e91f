-- wrk script: one request over and over; with a body, a new reference in each. Reports one line of JSON.
-- After `--`: method, file with the body, the mark in it, number of the first reference, format of a reference.

function init(args)
  local method, file, mark, first, format = args[1], args[2], args[3], tonumber(args[4]), args[5]
  wrk.method = method
  if file == nil or file == "" then return end
  local handle = assert(io.open(file, "rb"))
  local whole = wrk.format(method, nil, nil, handle:read("*a"))
  handle:close()
  local from, to = whole:find(mark, 1, true)
  local head, tail = whole:sub(1, from - 1), whole:sub(to + 1)
  local number = first - 1
  request = function()
    number = number + 1
    return head .. string.format(format, number) .. tail
  end
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"requests": %d, "seconds": %.6f, "errors": %d, "received": %d}\n',
    summary.requests, summary.duration / 1e6, failed, summary.bytes))
end
