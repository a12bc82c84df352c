create or replace function lab.list_spans(
    p_backtest lab.backtests,
    p_splits   lab.splits[]
)
returns table (
    symbol     text,
    symbol_no  integer,
    from_tick  integer,
    first_tick integer,
    last_tick  integer
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with epochs as (
        select e.from_tick, lead(e.from_tick, 1, d.ticks + 1) over (order by e.from_tick) - 1 as last_tick
          from lab.datasets as d
         cross join (select 1 as from_tick union select s.tick_no from unnest(p_splits) as s) as e
         where d.dataset_id = (p_backtest).dataset_id
    )
    select s.symbol, s.nth::integer, e.from_tick,
           case when e.from_tick = 1 then 1
                else lab.find_window_start(d.dataset_id, s.nth::integer, e.from_tick - 1, (
                         select (c.config #>> '{strategy,window_bars}')::integer from run.configs as c
                          where c.config_hash = (p_backtest).config_hash)) end,
           e.last_tick
      from lab.datasets as d
     cross join unnest(d.symbols) with ordinality as s (symbol, nth)
     cross join epochs as e
     where d.dataset_id = (p_backtest).dataset_id;
$function$;

comment on function lab.list_spans(lab.backtests, lab.splits[]) is
$$From split to split, what bars of each symbol a strategy is shown: its decisions are those of from_tick to
last_tick, and its windows reach back to first_tick.$$;
