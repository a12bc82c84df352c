create or replace function lab.list_window_faults(
    p_backtest_id uuid,
    p_tick_no     integer
)
returns table (
    tick_no integer,
    fault   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with cells as (
        select s.symbol, s.nth::integer as symbol_no, b.dataset_id,
               k.ends_at[p_tick_no - k.first_tick + 1] as at,
               k.volumes[(s.nth - 1) * cardinality(k.ends_at) + p_tick_no - k.first_tick + 1] is not null
               as is_there
          from lab.backtests as b
          join lab.datasets as d using (dataset_id)
         cross join unnest(d.symbols) with ordinality as s (symbol, nth)
          join lab.packs as k on k.dataset_id = d.dataset_id and k.pack_no = (p_tick_no - 1) / 512
         where b.backtest_id = p_backtest_id
    ), windows as (
        select c.*, array(select w.ends_at from lab.list_bars_until(
                                 c.dataset_id, c.symbol_no, p_tick_no,
                                 100 + c.is_there::integer) as w) as seen,
               array(select w.ends_at from lab.list_bars_until(
                            c.dataset_id, c.symbol_no, p_tick_no - 1, 100) as w) as before
          from cells as c
    )
    select p_tick_no, format('the last bar shown of %s is not that of the tick', w.symbol)
      from windows as w where w.is_there and w.seen[1] is distinct from w.at
     union all
    select p_tick_no, format('the window of %s does not grow by one bar', w.symbol)
      from windows as w
     where w.seen is distinct from
           case when w.is_there then array_prepend(w.at, w.before) else w.before end;
$function$;

comment on function lab.list_window_faults(uuid, integer) is
$$Where the last hundred bars shown at a tick are not those of the tick before and the tick's own bar. No
row: nowhere.$$;
