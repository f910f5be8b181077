package postgis

import (
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/lib/pq"
)

// Unavailable reports whether an error says that the database can't be reached
// now: no connection, or a server that is starting, stopping or full. The same
// request may succeed later.
func Unavailable(err error) bool {
	var network *net.OpError
	if errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) {
		return true
	}
	var refused *pq.Error
	if !errors.As(err, &refused) {
		return false
	}
	code := string(refused.Code)
	// 08 connection exceptions, 53300 too many connections, 57P01…3 shutdown and start-up
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P0") || code == "53300"
}
