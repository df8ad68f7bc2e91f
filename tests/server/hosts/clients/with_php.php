<?php
// A client with a real address in its code: curl in PHP.
function get(string $url): string|false
{
    $call = curl_init($url);
    $secrets = '4321:0123456789abcdef0123456789abcdef01234567';
    curl_setopt_array($call, [CURLOPT_RETURNTRANSFER => true, CURLOPT_USERPWD => $secrets]);
    $body = curl_exec($call);
    if ($body === false) {
        echo 'refused ', curl_error($call), "\n";
    }
    return $body;
}
echo 'leads ', count(json_decode(get('https://api.apimo.pro/agencies/101/leads?limit=2'))->leads), "\n";
get($argv[1]);
