package handlers

import "github.com/labstack/echo/v4"

type (
	home     struct{ *server }
	precheck struct{ *server }
	find     struct{ *server }
	activity struct{ *server }
)

func (h *home) show(echo.Context) error       { return nil }
func (h *precheck) show(echo.Context) error   { return nil }
func (h *precheck) ask(echo.Context) error    { return nil }
func (h *precheck) export(echo.Context) error { return nil }
func (h *find) show(echo.Context) error       { return nil }
func (h *activity) list(echo.Context) error   { return nil }
func (h *activity) export(echo.Context) error { return nil }
func (h *activity) show(echo.Context) error   { return nil }
