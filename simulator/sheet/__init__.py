"""The world sheet: one page that shows a simulated world to somebody who knows the trade."""
