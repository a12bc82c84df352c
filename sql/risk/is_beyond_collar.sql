create or replace function risk.is_beyond_collar(
    p_limits risk.limits,
    p_facts  risk.order_facts
)
returns boolean
language sql
immutable
parallel safe
return abs((p_facts).mark_micros - (p_facts).reference_micros)::numeric * 10000
       > (p_facts).reference_micros::numeric * (p_limits).price_collar_bps
       or coalesce(
           greatest(abs((p_facts).limit_micros - (p_facts).mark_micros),
                    abs((p_facts).stop_micros - (p_facts).mark_micros))::numeric * 10000
           > (p_facts).mark_micros::numeric * (p_limits).price_collar_bps, false);

comment on function risk.is_beyond_collar(risk.limits, risk.order_facts) is
$$Whether the mark is too far from the close before it, or a price of the order too far from the mark.$$;
