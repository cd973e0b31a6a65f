package sapi_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"foyer/sapi"
)

func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(sapi.OpenAPI())
	if err != nil {
		t.Fatalf("LoadFromData() = %v", err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Errorf("Validate() = %v", err)
	}
}
