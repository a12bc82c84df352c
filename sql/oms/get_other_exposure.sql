create or replace function oms.get_other_exposure(
    p_run_id uuid,
    p_symbol text,
    p_marks  jsonb
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with held as (
        select p.symbol, p.position_qty as qty
          from ledger.positions as p
         where p.run_id = p_run_id and p.symbol <> p_symbol
         union all
        select o.symbol, sign(o.order_qty)::bigint * o.leaves_qty
          from oms.orders as o
         where o.run_id = p_run_id and o.symbol <> p_symbol and o.order_type <> 'STOP'
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
    )
    select coalesce(sum(abs(s.qty) * (p_marks ->> s.symbol)::bigint), 0)::bigint
      from (select h.symbol, sum(h.qty) as qty from held as h group by h.symbol) as s;
$function$;

comment on function oms.get_other_exposure(uuid, text, jsonb) is
$$Gross exposure in micros of all other symbols of a run, open orders counted as if filled.
Why: every unfinished order uses up the limit at once.$$;
