create or replace function risk.is_beside_stop(
    p_facts risk.order_facts
)
returns boolean
language sql
immutable
parallel safe
return num_nonnulls((p_facts).limit_micros, (p_facts).stop_micros) > 0
       and (p_facts).held_qty <> 0 and (p_facts).is_guarded is not false;

comment on function risk.is_beside_stop(risk.order_facts) is
$$Whether an order with prices would rest where a protective stop must.$$;
