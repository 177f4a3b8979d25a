# One service of Parley, with what it imports and nothing else:
#
#   docker build --build-arg SERVICE=chat .
#
# Node runs the TypeScript sources themselves, so nothing is compiled.

FROM node:24-bookworm-slim AS base
WORKDIR /app

# The manifests by themselves, so that packages are installed anew only when one of these has changed.
FROM base AS manifests
COPY . .
RUN mkdir /manifests \
 && cp --parents package.json package-lock.json .npmrc services/*/package.json shared/*/package.json /manifests

FROM base AS packages
ARG SERVICE
COPY --from=manifests /manifests ./
# No install scripts: bcrypt brings its binaries along, and nothing else has any to build.
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --ignore-scripts --no-update-notifier \
      --workspace "services/${SERVICE:?build with --build-arg SERVICE=<name>}" --include-workspace-root=false \
 && rm package-lock.json .npmrc

# npm has linked the workspaces that the service needs: the sources of these, and of no others.
FROM packages AS sources
COPY . /parley
RUN mkdir /sources && for workspace in $(realpath --relative-to=. node_modules/@parley/*); do \
      if [ -d "/parley/$workspace/src" ]; then (cd /parley && cp -r --parents "$workspace/src" /sources); fi; \
    done

FROM base
ARG SERVICE
LABEL org.opencontainers.image.title="parley-$SERVICE" \
      org.opencontainers.image.description="The $SERVICE service of Parley, a chat backend" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
COPY --from=packages /app ./
COPY --from=sources /sources ./
USER node
EXPOSE 8080
# V8 goes by the container's memory limit: below 1 GiB its young generation is 1 MiB, so that under load it is
# collected 30 times a second, a fifth of the CPU.
ENTRYPOINT ["node", "--min-semi-space-size=16", "--max-semi-space-size=16"]
