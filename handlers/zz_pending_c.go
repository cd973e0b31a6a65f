package handlers

import "github.com/labstack/echo/v4"

type (
	activity struct{ *server }
)

func (h *activity) list(echo.Context) error   { return nil }
func (h *activity) export(echo.Context) error { return nil }
func (h *activity) show(echo.Context) error   { return nil }
