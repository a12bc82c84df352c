create or replace function api.md_quality(
    p_symbol      text,
    p_outlier_bps integer,
    p_now_at      timestamptz
)
returns table (
    symbol         text,
    timeframe      text,
    bars           bigint,
    first_on       date,
    last_on        date,
    gaps           bigint,
    outliers       bigint,
    zero_volumes   bigint,
    conflicts      bigint,
    open_conflicts bigint,
    disagreements  bigint,
    rows_rejected  bigint,
    feeds          text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.timeframe, f.bars, f.first_on, f.last_on, f.gaps, f.outliers, f.zero_volumes,
           f.conflicts, f.open_conflicts, f.disagreements, f.rows_rejected, f.feeds
      from md.list_quality(p_symbol, p_outlier_bps, p_now_at) as f;
$function$;

comment on function api.md_quality(text, integer, timestamptz) is
$$What the store holds, and what is wrong with it.$$;
