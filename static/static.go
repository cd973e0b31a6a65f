// Package static owns the files that browsers load beside the pages: the built
// stylesheet, the scripts and the icons. They are embedded, served under
// addresses that hold a hash of their content, and so may be cached for ever.
//
// It must not hold anything that is about a person or a company. The sources in
// src/ are not served: app.css is built from src/app.css by `make css`, which
// also copies htmx from npm.
//
// Package views imports it for Path, handlers for the Handler.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg
var embedded embed.FS

// Prefix is what the address of every file begins with.
const Prefix = "/static/"

// asset is one file as it is sent.
type asset struct {
	contentType string
	plain, gzip []byte
}

// table knows every embedded file: its address by its name, and what is sent
// by that address.
type table struct {
	addresses map[string]string
	assets    map[string]asset
}

// load reads and compresses every file once, when the first address is asked
// for.
var load = sync.OnceValue(func() table {
	t, err := newTable(embedded)
	if err != nil {
		panic(err) // the files are part of the program: it is broken
	}
	return t
})

// Path returns the address of an embedded file: "app.css" gives
// "/static/app.3f2a91c0d4e5.css". It panics on a name that there is not, which
// is a mistake in a template.
func Path(name string) string {
	address, ok := load().addresses[name]
	if !ok {
		panic("static: no file " + name)
	}
	return address
}

// Handler serves the embedded files under the addresses that Path gives, to be
// cached for ever; every other address is not found.
func Handler() http.Handler {
	t := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := t.assets[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	})
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

func newTable(files fs.FS) (table, error) {
	t := table{addresses: map[string]string{}, assets: map[string]asset{}}
	names, err := fs.Glob(files, "*")
	if err != nil {
		return table{}, fmt.Errorf("list static files: %w", err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return table{}, fmt.Errorf("read static file: %w", err)
		}
		compressed, err := compress(content)
		if err != nil {
			return table{}, fmt.Errorf("compress static file: %w", err)
		}
		address := Prefix + withHash(name, content)
		t.addresses[name] = address
		t.assets[address] = asset{contentType: contentType(name), plain: content, gzip: compressed}
	}
	return t, nil
}

func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return b.Bytes(), nil
}

// withHash puts a hash of the content before the last extension.
func withHash(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

// contentType is set here and not by the machine's table of types, which
// differs from one to the next.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// acceptsGzip reports whether an Accept-Encoding header takes gzip; "gzip;q=0"
// refuses it.
func acceptsGzip(header string) bool {
	for coding := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, _ := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q=")
			quality, err := strconv.ParseFloat(q, 64)
			return q == "" || err == nil && quality > 0
		}
	}
	return false
}
