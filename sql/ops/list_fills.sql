create or replace function ops.list_fills(
    p_run_id uuid
)
returns table (
    fill_seq        bigint,
    execution_id    text,
    client_order_id text,
    symbol          text,
    fill_qty        bigint,
    price_micros    bigint,
    fee_micros      bigint,
    is_late         boolean,
    fill_kind       text,
    filled_at       timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.fill_seq, f.execution_id, f.client_order_id, f.symbol, f.fill_qty, f.price_micros,
           f.fee_micros, f.is_late, f.fill_kind, f.executed_at
      from ledger.fills as f
     where f.run_id = p_run_id
     order by f.fill_seq;
$function$;

comment on function ops.list_fills(uuid) is
$$Booked fills of a run in booking order, reversals and corrections included.$$;
