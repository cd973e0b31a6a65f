package session

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// limitSignIns keeps one address from filling the store with sign-ins that it
// never finishes.
func (h *Handlers) limitSignIns(c echo.Context) error {
	allowed, err := h.SignIns.Allow(c.RealIP())
	if err != nil {
		return fmt.Errorf("limit sign-ins: %w", err)
	}
	if !allowed {
		c.Response().Header().Set("Retry-After", "60")
		return echo.NewHTTPError(http.StatusTooManyRequests)
	}
	return nil
}

// Each address may begin so many sign-ins a second, and so many at once: a
// whole office may share one, and each that is begun is a row in the store.
const (
	signInRate  = 1
	signInBurst = 40
)

// NewSignIns counts the sign-ins that each address begins.
func NewSignIns() middleware.RateLimiterStore {
	return middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{Rate: signInRate, Burst: signInBurst})
}
