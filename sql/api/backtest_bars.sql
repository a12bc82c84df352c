create or replace function api.backtest_bars(
    p_backtest_id uuid,
    p_cut_tick    integer,
    p_poison      text
)
returns table (
    symbol     text,
    from_tick  integer,
    first_tick integer,
    opens      bigint[],
    highs      bigint[],
    lows       bigint[],
    closes     bigint[],
    volumes    bigint[]
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.symbol, f.from_tick, f.first_tick, f.opens, f.highs, f.lows, f.closes, f.volumes
      from lab.list_bars(p_backtest_id, p_cut_tick, p_poison) as f;
$function$;

comment on function api.backtest_bars(uuid, integer, text) is
$$The bars of a backtest, a row a symbol, and from each split on another, in the shares of then; with
poison, another future after cut_tick.$$;
