package e2e

import (
	"os"
	"path/filepath"

	"github.com/go-rod/rod/lib/proto"
)

// Screenshot puts a picture of the whole page into e2e/screenshots and, where
// FOYER_UPDATE_SCREENSHOTS=1, one of the window into docs/images.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	p.picture(name)
	if os.Getenv("FOYER_UPDATE_SCREENSHOTS") == "1" {
		p.capture(filepath.Join("..", "docs", "images", name+".png"), false)
	}
}

func (p *Page) picture(name string) string {
	p.t.Helper()
	path := filepath.Join("screenshots", name+".png")
	p.capture(path, true)
	return path
}

func (p *Page) capture(path string, whole bool) {
	p.t.Helper()
	page, cancel := p.limited()
	defer cancel()

	picture := proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng}
	if whole {
		layout, err := proto.PageGetLayoutMetrics{}.Call(page)
		if err != nil {
			p.t.Fatalf("measure the page: %v", err)
		}
		extent := layout.CSSContentSize
		picture.Clip = &proto.PageViewport{Width: extent.Width, Height: extent.Height, Scale: 1}
		picture.CaptureBeyondViewport = true
	}
	taken, err := picture.Call(page)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, taken.Data, 0o644)
	}
	if err != nil {
		p.t.Errorf("take a picture: %v", err)
	}
}
