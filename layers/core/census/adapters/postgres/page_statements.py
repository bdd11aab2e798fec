"""The SQL of pages and crawls. Times are the statement's: a transaction may have waited for its row."""

from sqlalchemy import text

_NOT_NULL_STATUS = "COALESCE(s.status, 'completed')"
_IN_HAND = f"{_NOT_NULL_STATUS} IN ('pending', 'processing')"
_HOLDS = """s.tenant_id = :tenant AND s.id = :page AND s.status = 'processing' AND s.attempts = :attempt
      AND s.claimed_until = :until"""

START_CRAWL = text("""
    INSERT INTO crawls (user_id, depth, max_pages, same_host)
    VALUES (:user, :depth, :max_pages, :same_host) RETURNING id
""")
CANCEL_CRAWL = text("""
    UPDATE crawls SET cancelled_at = COALESCE(cancelled_at, clock_timestamp())
    WHERE tenant_id = :tenant AND id = :crawl RETURNING id
""")
END_PENDING = text("""
    UPDATE scraped_contents SET
        status = CASE WHEN text_id IS NULL THEN 'failed' ELSE 'completed' END,
        processing_error = CASE WHEN text_id IS NULL THEN :error END,
        claimed_until = NULL, updated_at = clock_timestamp(), processed_at = clock_timestamp()
    WHERE tenant_id = :tenant AND crawl_id = :crawl AND status = 'pending' RETURNING id
""")
LOCK_CRAWL = text("""
    SELECT c.id, c.user_id, c.max_pages - c.pages AS room,
           GREATEST(0, EXTRACT(EPOCH FROM c.next_slot_at - clock_timestamp())) AS first_slot
    FROM crawls c WHERE c.tenant_id = :tenant AND c.cancelled_at IS NULL
      AND c.id = (SELECT s.crawl_id FROM scraped_contents s WHERE s.tenant_id = :tenant AND s.id = :page)
    FOR UPDATE
""")
COUNT_PAGES = text("""
    UPDATE crawls SET pages = pages + :pages,
        next_slot_at = clock_timestamp() + make_interval(secs => :seconds)
    WHERE tenant_id = :tenant AND id = :crawl
""")

# A new crawl takes a page over even from a worker, whose reply would not follow the links.
PUT = text(f"""
    INSERT INTO scraped_contents AS s (user_id, url, url_key, status, crawl_id, claimed_until)
    SELECT :user, r.url, r.key, 'pending', CAST(:crawl AS uuid),
           clock_timestamp() + make_interval(secs => r.seconds)
    FROM json_to_recordset(CAST(:rows AS json)) AS r(url TEXT, key TEXT, seconds DOUBLE PRECISION)
    ORDER BY r.key
    ON CONFLICT (tenant_id, url_key) DO UPDATE SET
        status = 'pending', attempts = 0, processing_error = NULL, claimed_until = excluded.claimed_until,
        crawl_id = excluded.crawl_id, depth = 0, updated_at = clock_timestamp()
    WHERE excluded.crawl_id IS NOT NULL OR NOT {_IN_HAND}
""")
INSERT_FOUND = text("""
    INSERT INTO scraped_contents (user_id, url, url_key, status, crawl_id, depth, claimed_until)
    SELECT :user, r.url, r.key, 'pending', :crawl, :depth,
           clock_timestamp() + make_interval(secs => r.seconds)
    FROM json_to_recordset(CAST(:rows AS json)) AS r(url TEXT, key TEXT, seconds DOUBLE PRECISION)
    ORDER BY r.key
    ON CONFLICT (tenant_id, url_key) DO NOTHING RETURNING id, url_key
""")
KNOWN = text("""
    SELECT url_key FROM scraped_contents
    WHERE tenant_id = :tenant AND url_key = ANY(CAST(:keys AS char(64)[]))
""")
# Rows that others have locked are in hand: skipping them keeps two crawls from waiting for each other.
ADOPTABLE = text(f"""
    SELECT s.url_key FROM scraped_contents s
    WHERE s.tenant_id = :tenant AND s.url_key = ANY(CAST(:keys AS char(64)[]))
      AND s.crawl_id IS DISTINCT FROM :crawl AND NOT {_IN_HAND}
    FOR UPDATE SKIP LOCKED
""")
ADOPT = text("""
    UPDATE scraped_contents s SET status = 'pending', attempts = 0, processing_error = NULL,
        claimed_until = clock_timestamp() + make_interval(secs => r.seconds),
        crawl_id = :crawl, depth = :depth, updated_at = clock_timestamp()
    FROM json_to_recordset(CAST(:rows AS json)) AS r(key CHAR(64), seconds DOUBLE PRECISION)
    WHERE s.tenant_id = :tenant AND s.url_key = r.key RETURNING s.id, s.url_key
""")

RECORDS = f"""
    SELECT s.id, s.url, s.title, s.content_type, s.size, {_NOT_NULL_STATUS} AS status, s.job_id,
           s.processing_error, s.crawl_id, t.passages, t.tokens, s.created_at, s.updated_at, s.url_key
    FROM scraped_contents s
    LEFT JOIN extracted_texts t ON t.tenant_id = s.tenant_id AND t.id = s.text_id
    WHERE s.tenant_id = :tenant
"""
RECORD = text(f"{RECORDS} AND s.id = :page")
RECORD_FOR_UPDATE = text(f"{RECORDS} AND s.id = :page FOR UPDATE OF s")
RECORDS_BY_KEY = text(f"{RECORDS} AND s.url_key = ANY(CAST(:keys AS char(64)[]))")
PAGE_OF_RECORDS = text(f"""{RECORDS}
    AND (CAST(:status AS text) IS NULL OR {_NOT_NULL_STATUS} = :status)
    AND (CAST(:after_at AS timestamptz) IS NULL
         OR (s.created_at, s.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
    ORDER BY s.created_at DESC, s.id DESC LIMIT :limit
""")
TEXT = text(f"""
    SELECT t.id, t.text, {_NOT_NULL_STATUS} AS status FROM scraped_contents s
    LEFT JOIN extracted_texts t ON t.tenant_id = s.tenant_id AND t.id = s.text_id
    WHERE s.tenant_id = :tenant AND s.id = :page
""")
REOPEN = text("""
    UPDATE scraped_contents s SET status = 'pending', attempts = 0, processing_error = NULL,
        claimed_until = NULL, updated_at = clock_timestamp(),
        crawl_id = CASE WHEN :leave THEN NULL ELSE
            (SELECT c.id FROM crawls c
             WHERE c.tenant_id = s.tenant_id AND c.id = s.crawl_id AND c.cancelled_at IS NULL) END
    WHERE s.tenant_id = :tenant AND s.id = :page
""")
DELETE = text("DELETE FROM scraped_contents WHERE tenant_id = :tenant AND id = :page RETURNING id, text_id")

LOCK = text(f"""
    SELECT {_NOT_NULL_STATUS} AS status, s.attempts, s.job_id, c.cancelled_at IS NOT NULL AS cancelled,
           GREATEST(0, EXTRACT(EPOCH FROM s.claimed_until - clock_timestamp())) AS claim_seconds
    FROM scraped_contents s LEFT JOIN crawls c ON c.tenant_id = s.tenant_id AND c.id = s.crawl_id
    WHERE s.tenant_id = :tenant AND s.id = :page FOR UPDATE OF s
""")
CLAIM = text("""
    WITH taken AS (
        UPDATE scraped_contents SET status = 'processing', attempts = :attempt, job_id = :message,
            claimed_until = clock_timestamp() + make_interval(secs => :seconds),
            updated_at = clock_timestamp(), processing_error = NULL
        WHERE tenant_id = :tenant AND id = :page RETURNING *)
    SELECT s.user_id, s.attempts, s.claimed_until, s.url, s.depth,
           c.depth AS most_depth, c.max_pages, c.same_host,
           CASE WHEN s.text_id IS NOT NULL THEN s.etag END AS etag,
           CASE WHEN s.text_id IS NOT NULL THEN s.last_modified END AS last_modified
    FROM taken s LEFT JOIN crawls c
        ON c.tenant_id = s.tenant_id AND c.id = s.crawl_id AND c.cancelled_at IS NULL
""")
HOLD_TEXT = text("SELECT id FROM extracted_texts WHERE tenant_id = :tenant AND id = :text FOR KEY SHARE")
HELD = text(f"SELECT s.text_id, s.depth FROM scraped_contents s WHERE {_HOLDS} FOR UPDATE")
EXISTS = text("SELECT id FROM scraped_contents WHERE tenant_id = :tenant AND id = :page")
COMPLETE = text(f"""
    UPDATE scraped_contents s SET status = 'completed', processing_error = NULL, claimed_until = NULL,
        updated_at = clock_timestamp(), processed_at = clock_timestamp(), text_id = t.id, title = t.title,
        size = :size, content_type = :media_type, etag = :etag, last_modified = :last_modified
    FROM extracted_texts t WHERE t.tenant_id = :tenant AND t.id = :text AND {_HOLDS}
""")
END = """
    UPDATE scraped_contents s SET claimed_until = NULL, updated_at = clock_timestamp(),
        processed_at = clock_timestamp(), processing_error = :error,
        status = CASE WHEN :keep AND s.text_id IS NOT NULL THEN 'completed' ELSE 'failed' END
"""
END_HELD = text(f"{END} WHERE {_HOLDS} RETURNING s.id")
END_UNFINISHED = text(f"{END} WHERE s.tenant_id = :tenant AND s.id = :page AND {_IN_HAND} RETURNING s.id")
RELEASE = text(f"""
    UPDATE scraped_contents s SET status = 'pending', processing_error = :error,
        claimed_until = clock_timestamp() + make_interval(secs => :seconds), updated_at = clock_timestamp()
    WHERE {_HOLDS} RETURNING s.id
""")
STUCK = text("""
    UPDATE scraped_contents SET status = 'pending', claimed_until = NULL, updated_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM scraped_contents
        WHERE (status = 'processing' AND claimed_until < clock_timestamp())
           OR (status = 'pending'
               AND GREATEST(claimed_until, updated_at) < clock_timestamp() - make_interval(secs => :grace))
        ORDER BY updated_at LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING tenant_id, id
""")
IN_HAND = text("""
    SELECT EXISTS (SELECT FROM scraped_contents WHERE status IN ('pending', 'processing'))
""")
