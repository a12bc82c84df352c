create or replace function oms.get_open_shares(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(
               s.symbol, jsonb_build_object('buy', s.buy_qty, 'sell', s.sell_qty)), '{}')
      from oms.list_open_shares(p_run_id, null) as s;
$function$;

comment on function oms.get_open_shares(uuid) is
$$oms.list_open_shares as {symbol: {buy, sell}}, for risk, which may not look up here.$$;
