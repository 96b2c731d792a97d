"""WooCommerce, the shop plugin of WordPress: REST API wc/v3."""
