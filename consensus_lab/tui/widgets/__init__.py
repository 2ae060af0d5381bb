"""The panes of the stepping screen. Each shows one side of a desk and knows no other pane."""
