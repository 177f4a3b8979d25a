#!/bin/sh
# Listens with TLS too where a certificate and its key are mounted.
set -e
cd /etc/nginx/tls 2> /dev/null || exit 0
for file in tls.crt tls.key; do
  if [ ! -e "$file" ]; then
    echo "no TLS: there is no $file in /etc/nginx/tls" >&2
    exit 0
  fi
done
cat > /tmp/tls.conf << 'END'
listen 8443 ssl backlog=4096;
http2 on;
ssl_certificate /etc/nginx/tls/tls.crt;
ssl_certificate_key /etc/nginx/tls/tls.key;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;
ssl_session_cache shared:tls:10m;
ssl_session_timeout 1d;
ssl_session_tickets off;
END
if [ "${FRONT_PROTOCOL:-http}" = proxy ]; then echo "listen 8444 ssl proxy_protocol backlog=4096;" >> /tmp/tls.conf; fi
