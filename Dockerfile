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

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/foyer . \
 && mkdir -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/foyer /foyer
COPY --from=build --chown=65532:65532 /out/data /data
ENV FOYER_LISTEN=0.0.0.0:8080 \
    FOYER_DATABASE_URL=sqlite:/data/foyer.db \
    FOYER_SANDBOX_DATABASE=/data/sandbox.db
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/foyer", "healthcheck"]
ENTRYPOINT ["/foyer"]
