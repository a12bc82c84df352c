create or replace function lab.list_session_prices(
    p_backtest_id uuid
)
returns table (
    symbol_no    integer,
    symbol       text,
    session_no   integer,
    tick_no      integer,
    session_on   date,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.symbol_no::integer, s.symbol, e.session_no, e.tick_no, e.session_on,
           coalesce(k.closes[(s.symbol_no - 1) * cardinality(k.ends_at) + e.tick_no - k.first_tick + 1],
                    lab.find_mark(d.dataset_id, s.symbol_no::integer, e.tick_no))
      from lab.backtests as b
      join lab.datasets as d using (dataset_id)
     cross join lab.list_session_ends(p_backtest_id) as e
     cross join unnest(d.symbols) with ordinality as s (symbol, symbol_no)
      join lab.packs as k
        on k.dataset_id = d.dataset_id and k.pack_no = (e.tick_no - 1) / 512
     where b.backtest_id = p_backtest_id;
$function$;

comment on function lab.list_session_prices(uuid) is
$$What each symbol of a backtest was marked at when a session ended, in micros: its last close; null
before its first bar.$$;
