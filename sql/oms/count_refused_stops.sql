create or replace function oms.count_refused_stops(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.orders as o
     where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
       and o.order_status = 'REJECTED'
       and o.created_at >= (
           select min(l.opened_at)
             from ledger.positions as p
             join ledger.lots as l using (run_id, symbol, match_no)
            where p.run_id = p_run_id and p.symbol = p_symbol and l.open_qty <> 0);
$function$;

comment on function oms.count_refused_stops(uuid, text) is
$$Stops that the broker refused since the position of a symbol was opened.$$;
