package portal

import "net/netip"

// Network is what counts as one address: of IPv6 the 64 bits that one customer has at
// least, since they choose the rest themselves. All that are no address are one, which is
// empty.
func Network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	of, _ := ip.Prefix(bits) // bits are in range
	return of.String()
}
