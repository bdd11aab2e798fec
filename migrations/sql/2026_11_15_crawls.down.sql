DROP INDEX idx_scraped_contents_crawl, idx_scraped_contents_url_key;
ALTER TABLE scraped_contents
    DROP CONSTRAINT fk_scraped_contents_crawl,
    DROP COLUMN url_key, DROP COLUMN crawl_id, DROP COLUMN depth, DROP COLUMN etag, DROP COLUMN last_modified;
DROP TABLE crawls;
