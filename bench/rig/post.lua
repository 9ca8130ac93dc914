-- wrk script: POST a JSON body of args[1] bytes; with args[2] > 0, send that many requests and say "sent".
function init(args)
  local bytes = tonumber(args[1])
  local count = tonumber(args[2])
  local frame = '{"param1":"value1","param3":100,"text":""}'
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = frame:sub(1, -3) .. string.rep("x", bytes - #frame) .. '"}'
  if count == 0 then return end

  local formatted = wrk.format()
  -- wrk calls request() once by itself, before it starts.
  local sent = -1
  -- Defined only here: wrk sends a prepared buffer, which is faster, as long as there is no request().
  function request()
    sent = sent + 1
    if sent == count then
      io.write("sent\n")
      io.flush()
      wrk.thread:stop()
    end
    return formatted
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
