create or replace function io.list_new_bars(
    p_run_id   uuid,
    p_after_at timestamptz,
    p_now_at   timestamptz
)
returns table (
    symbol       text,
    bar_end_at   text,
    open_micros  bigint,
    high_micros  bigint,
    low_micros   bigint,
    close_micros bigint,
    volume       bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select b.symbol, core.format_iso(b.bar_end_at), b.open_micros, b.high_micros, b.low_micros,
           b.close_micros, b.volume
      from run.universe as u
      cross join lateral md.list_bars_as_of(u.symbol, '1D', 30, p_now_at) as b
     where u.run_id = p_run_id
       and b.bar_end_at > p_after_at
     order by b.bar_end_at, b.symbol;
$function$;

comment on function io.list_new_bars(uuid, timestamptz, timestamptz) is
$$The bars of a run's symbols that closed after p_after_at and by p_now_at, at most thirty a symbol: what a
paper market is shown.$$;
