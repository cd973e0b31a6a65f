# The image is the program and the root certificates, nothing else: no shell, no
# package manager, nothing to patch but Foyer. It runs as nobody with a read-only
# root file system; /data, where the SQLite databases are, is all it writes to.
#
#   docker run --read-only -v foyer:/data -p 8080:8080 \
#     -e FOYER_PUBLIC_URL=https://foyer.example.com … foyer:VERSION
#
# Foyer accepts plain http:// for its own address on loopback only: in front of
# the container goes a proxy that speaks https and that FOYER_TRUSTED_PROXIES
# names, and FOYER_PUBLIC_URL is the address that people type.
#
# It has neither the stand-in Symphony nor the demo identity provider. The image
# that has them, to show Foyer and to try it:
#
#   docker build --target demo --tag foyer:VERSION-demo .
#   docker run --rm --network host foyer:VERSION-demo

FROM golang:1.26.8-bookworm AS source
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN mkdir -p -m 0770 /out/data

FROM source AS build
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -tags nosandbox -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/foyer .

FROM source AS build-demo
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/foyer .

FROM scratch AS base
COPY --from=source /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# OpenShift gives a user of its own choice, in group 0.
COPY --from=source --chown=65532:0 /out/data /data
ENV FOYER_LISTEN=0.0.0.0:8080 \
    FOYER_DATABASE_URL=sqlite:/data/foyer.db
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/foyer", "healthcheck"]
ENTRYPOINT ["/foyer"]

FROM base AS demo
COPY --from=build-demo /out/foyer /foyer
# The demo identity provider lets anybody in: all of it stays on loopback.
ENV FOYER_LISTEN=127.0.0.1:8080 \
    FOYER_SANDBOX_DATABASE=/data/sandbox.db
EXPOSE 8081

# The last one is what is built when no target is named.
FROM base AS foyer
COPY --from=build /out/foyer /foyer
