create or replace function api.md_ingests(
    p_limit integer
)
returns table (
    ingest_id     uuid,
    ingested_at   timestamptz,
    feed          text,
    is_second     boolean,
    timeframe     text,
    rows_read     bigint,
    rows_stored   bigint,
    rows_known    bigint,
    rows_skipped  bigint,
    rows_rejected bigint,
    gate_result   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ingest_id, f.ingested_at, f.feed, f.is_second, f.timeframe, f.rows_read, f.rows_stored,
           f.rows_known, f.rows_skipped, f.rows_rejected, f.gate_result
      from md.list_ingests(p_limit) as f;
$function$;

comment on function api.md_ingests(integer) is
$$The last ingests, the newest first.$$;
