#!/bin/sh
# Whom to believe about who the client is: FRONT_PROXIES, addresses or networks with commas between them. They say it in
# X-Forwarded-For, or with FRONT_PROTOCOL=proxy in the PROXY protocol, on ports of their own (8081, with TLS 8444).
set -e

case "${FRONT_PROTOCOL:-http}" in
  http) header=X-Forwarded-For ;;
  proxy) header=proxy_protocol ;;
  *) echo "FRONT_PROTOCOL: must be http or proxy" >&2 && exit 78 ;;
esac

proxies=$(echo "${FRONT_PROXIES:-}" | tr ',' ' ')
for proxy in $proxies; do
  echo "$proxy" | grep -Eq '^[0-9a-fA-F]*[.:][0-9a-fA-F.:]*(/[0-9]{1,3})?$' && continue
  echo "FRONT_PROXIES: $proxy is neither an address nor a network" >&2
  exit 78
done

{
  echo "geo \$realip_remote_addr \$is_front_proxy {"
  echo "default 0;"
  for proxy in $proxies; do echo "$proxy 1;"; done
  echo "}"
  for proxy in $proxies; do echo "set_real_ip_from $proxy;"; done
  # From right to left, up to the first that is not one of them: what is left of that anybody may have written.
  echo "real_ip_header $header;"
  echo "real_ip_recursive on;"
} > /tmp/front-proxies.conf

if [ "$header" = proxy_protocol ]; then
  echo "listen 8081 proxy_protocol backlog=4096;" > /tmp/proxy-protocol.conf
fi
