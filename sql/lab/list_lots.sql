create or replace function lab.list_lots(
    p_qtys  bigint[],
    p_costs bigint[]
)
returns ledger.lots[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select array_agg(jsonb_populate_record(null::ledger.lots, jsonb_build_object(
               'lot_seq', q.nth, 'queue_no', q.nth, 'open_qty', q.qty, 'open_cost_micros', q.cost))
               order by q.nth)
      from unnest(p_qtys, p_costs) with ordinality as q (qty, cost, nth);
$function$;

comment on function lab.list_lots(bigint[], bigint[]) is
$$Open lots of a backtest, oldest first, in the form in which the ledger splits its own;
numbered by place.$$;
