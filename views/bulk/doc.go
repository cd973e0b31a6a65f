// Package bulk owns how the pages of bulk changes look: their list, the forms that bring a
// list of people, and the page of one from its check to its result.
//
// It is given print-ready fields, and knows nothing of bulk changes themselves. Only
// package bulk of the handlers imports it.
package bulk
