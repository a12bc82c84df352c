create or replace function oms.fold_order(
    p_order   oms.orders,
    p_message oms.inbox
)
returns oms.orders
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders := p_order;
    v_asked record;
    v_is    record;
begin
    select coalesce(sum(v.total_qty) filter (where v.is_live)
                    + coalesce(sum(v.booked_qty) filter (where not v.is_live), 0),
                    max(v.total_qty), abs(p_order.order_qty))::bigint as working_qty,
           coalesce(sum(v.gap_qty), 0)::bigint as gap_qty,
           coalesce(sum(v.booked_qty), 0)::bigint as gross_qty,
           case when bool_and(v.end_status is not null) filter (where v.is_live)
                then max(v.end_status) filter (where v.is_live) end as end_status,
           count(*) > 0 as is_known
      into v_is
      from oms.list_versions(p_order, p_message) as v;
    select a.* into v_asked from oms.list_asked(p_order, p_message) as a;
    v_state.working_qty := v_is.working_qty;
    v_state.cum_qty := v_asked.cum_qty;
    v_state.gap_qty := case when v_asked.is_recounted then 0 else v_is.gap_qty end;
    v_state.order_status := case
        when v_state.cum_qty >= v_state.working_qty and v_state.cum_qty > 0 then 'FILLED'
        when v_asked.local_end is not null then v_asked.local_end
        when v_is.end_status is not null then v_is.end_status
        when v_is.gross_qty >= v_state.working_qty and v_is.gross_qty > 0 then 'CANCELED'
        when v_asked.is_done_for_day then 'DONE_FOR_DAY'
        when v_state.cum_qty > 0 then 'PARTIALLY_FILLED'
        when v_is.is_known then 'ACCEPTED'
        else 'NEW' end;
    v_state.pending_op := case
        when v_state.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
        then v_asked.pending_op else 'NONE' end;
    return v_state;
end;
$function$;

comment on function oms.fold_order(oms.orders, oms.inbox) is
$$The state of an order as all that the broker said of it makes it, the message at hand included.
Why: a function of the set of messages, not of their order: late, early, repeated and overtaking
messages end in the same state. A fill wins over any end; quantities count from the books.$$;
