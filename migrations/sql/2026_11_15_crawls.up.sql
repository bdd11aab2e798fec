-- Crawls, and what fetching a page again takes. A URL is one row of its tenant: `url_key` is null only for
-- further rows of an older database that had the same URL twice.
CREATE TABLE crawls (
    tenant_id UUID NOT NULL DEFAULT census_tenant(),
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL,
    depth INTEGER NOT NULL CHECK (depth BETWEEN 0 AND 3),
    max_pages INTEGER NOT NULL CHECK (max_pages BETWEEN 1 AND 1000),
    same_host BOOLEAN NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0,
    next_slot_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    cancelled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN crawls.pages IS 'Pages made or fetched again so far; at most max_pages.';
COMMENT ON COLUMN crawls.next_slot_at IS 'When the next page found may be fetched: one after the other.';

ALTER TABLE scraped_contents
    ADD COLUMN url_key CHAR(64),
    ADD COLUMN crawl_id UUID,
    ADD COLUMN depth INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN etag TEXT,
    ADD COLUMN last_modified TEXT,
    ADD CONSTRAINT fk_scraped_contents_crawl FOREIGN KEY (tenant_id, crawl_id) REFERENCES crawls (tenant_id, id);
COMMENT ON COLUMN scraped_contents.url_key IS 'SHA-256 of the URL: a URL is one row of its tenant.';
COMMENT ON COLUMN scraped_contents.depth IS 'Steps from where the crawl started.';

-- Forced row security hides the rows from their owner, too.
ALTER TABLE scraped_contents NO FORCE ROW LEVEL SECURITY;
UPDATE scraped_contents SET url_key = encode(sha256(convert_to(url, 'UTF8')), 'hex')
WHERE id IN (SELECT DISTINCT ON (tenant_id, url) id FROM scraped_contents
             ORDER BY tenant_id, url, created_at DESC NULLS LAST, id);
ALTER TABLE scraped_contents FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX idx_scraped_contents_url_key ON scraped_contents (tenant_id, url_key);
CREATE INDEX idx_scraped_contents_crawl ON scraped_contents (tenant_id, crawl_id);

ALTER TABLE crawls ENABLE ROW LEVEL SECURITY;
ALTER TABLE crawls FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON crawls TO census_app USING (tenant_id = census_tenant()) WITH CHECK (tenant_id = census_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON crawls TO census_app;
