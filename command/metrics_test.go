package command

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page of another site can have its domain lead to this machine.
func TestTheAdminAddressAnswersToNoDomain(t *testing.T) {
	t.Parallel()
	handler := newMetrics().handler()
	for host, want := range map[string]int{
		"127.0.0.1:9090": http.StatusOK, "[::1]:9090": http.StatusOK, "10.1.2.3": http.StatusOK, "localhost:9090": http.StatusOK, "foyer:9090": http.StatusOK,
		"evil.example:9090": http.StatusMisdirectedRequest, "evil.example": http.StatusMisdirectedRequest, "127.0.0.1.evil.example:9090": http.StatusMisdirectedRequest, "evil.example.": http.StatusMisdirectedRequest,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		r.Host = host
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("Host %s = %d, want %d", host, w.Code, want)
		}
	}
}
