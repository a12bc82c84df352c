create or replace function io.ingest_bars(
    p_feed       text,
    p_is_second  boolean,
    p_raws       jsonb,
    p_normaliser text,
    p_timeframe  text,
    p_policy     text,
    p_rows       jsonb,
    p_now_at     timestamptz
)
returns table (
    ingest_id     uuid,
    rows_read     bigint,
    rows_stored   bigint,
    rows_known    bigint,
    rows_skipped  bigint,
    rows_rejected bigint,
    gate_result   text
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.ingest_id, f.rows_read, f.rows_stored, f.rows_known, f.rows_skipped, f.rows_rejected,
           f.gate_result
      from md.ingest_bars(
           p_feed, p_is_second, p_raws, p_normaliser, p_timeframe, p_policy, p_rows, p_now_at) as f;
$function$;

comment on function io.ingest_bars(text, boolean, jsonb, text, text, text, jsonb, timestamptz) is
$$Service door to md.ingest_bars.$$;
