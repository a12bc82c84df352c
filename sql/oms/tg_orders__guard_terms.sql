create or replace function oms.tg_orders__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_sealed oms.orders := new;
begin
    v_sealed.order_status := old.order_status;
    v_sealed.status_seq := old.status_seq;
    v_sealed.cum_qty := old.cum_qty;
    v_sealed.working_qty := old.working_qty;
    v_sealed.gap_qty := old.gap_qty;
    v_sealed.pending_op := old.pending_op;
    v_sealed.leaves_qty := old.leaves_qty;        -- generated, and not yet made
    v_sealed.allow_verdict := old.allow_verdict;
    v_sealed.may_submit := old.may_submit;
    if v_sealed is distinct from old
       or new.cum_qty < old.cum_qty and not exists (
          select from ledger.fills as f
           where f.run_id = new.run_id and f.client_order_id = new.client_order_id
             and f.reverses_seq is not null)
    then
        perform core.raise_error('MQI04', 'the terms of an order are sealed when it is enqueued');
    end if;
    return new;
end;
$function$;

comment on function oms.tg_orders__guard_terms() is
$$Refuses to change anything of an order but its status, its quantities at the broker and its pending
request; what is filled falls only when a fill was taken back.
Raises: MQI04.$$;
