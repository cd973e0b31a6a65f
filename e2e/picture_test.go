package e2e

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/go-rod/rod/lib/proto"
)

// pictureFolder is where the pictures of the README are.
var pictureFolder = filepath.Join("..", "docs", "images")

// Screenshot puts a picture of the window into docs/images.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	path := filepath.Join(pictureFolder, name+".png")
	p.capture(path, false)
	if err := lighten(path); err != nil {
		p.t.Errorf("lighten a picture: %v", err)
	}
}

// picture puts a picture of the whole page into e2e/screenshots.
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

// lighten keeps the 256 most frequent colours of a picture, which is about all
// that a page of text has, and gives every other the nearest of them.
func lighten(path string) error {
	heavy, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	picture, err := png.Decode(bytes.NewReader(heavy))
	if err != nil {
		return err
	}

	pixels := map[color.Color]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			pixels[picture.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(pixels), func(a, b color.Color) int { return cmp.Compare(pixels[b], pixels[a]) })
	palette := image.NewPaletted(picture.Bounds(), colours[:min(len(colours), 256)])
	draw.Draw(palette, palette.Rect, picture, image.Point{}, draw.Src)

	var light bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&light, palette); err != nil {
		return err
	}
	return os.WriteFile(path, light.Bytes(), 0o644)
}
