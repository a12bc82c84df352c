create or replace function md.list_ingest_jumps(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns table (
    symbol        text,
    session_on    date,
    bar_end_at    timestamptz,
    close_micros  bigint,
    before_micros bigint,
    move_bps      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, b.session_on, b.bar_end_at, b.close_micros, b.before_micros,
           core.compute_move_bps(b.before_micros, b.close_micros)
      from (select b.symbol, b.session_on, b.bar_end_at, b.close_micros,
                   lag(b.close_micros) over (partition by b.symbol order by b.bar_end_at)
                       as before_micros
              from md.list_ingest_bars(p_ingest_id) as b) as b
     where core.is_apart(b.before_micros, b.close_micros, p_outlier_bps)
     order by b.symbol collate "C", b.bar_end_at;
$function$;

comment on function md.list_ingest_jumps(uuid, integer) is
$$The closes in the range of an ingest that are further from the close before than p_outlier_bps of it; raw
prices, so a split is one, too.$$;
