create or replace function api.risk_restrict(
    p_symbols      jsonb,
    p_restriction  text,
    p_reason       text,
    p_effective_at timestamptz,
    p_now_at       timestamptz
)
returns table (
    symbol      text,
    restriction text,
    is_new      boolean
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select r.symbol, r.restriction, r.is_new
      from risk.restrict_symbols(p_symbols, p_restriction, p_reason, p_effective_at, p_now_at) as r;
$function$;

comment on function api.risk_restrict(jsonb, text, text, timestamptz, timestamptz) is
$$Puts symbols on the restricted list (SHORT, TRADE) or takes them off (NONE), at once or later.
Raises: MQA01; MQA05; MQA02; MQA12.$$;
