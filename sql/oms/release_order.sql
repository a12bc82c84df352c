create or replace function oms.release_order(
    p_run_id    uuid,
    p_outbox_id bigint,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform oms.move_outbox(p_run_id, p_outbox_id, 'PENDING', null, p_reason, p_now_at);
    select s.* into v_row from oms.outbox as s
     where s.run_id = p_run_id and s.outbox_id = p_outbox_id and s.request_kind = 'SUBMIT'
       and exists (select from oms.outbox as c
                    where c.run_id = s.run_id and c.order_id = s.order_id
                      and c.request_kind = 'CANCEL' and c.outbox_status = 'PENDING');
    if found then
        perform oms.fail_order(v_row, 'CANCELED', 'it was cancelled while in doubt', p_now_at);
    end if;
end;
$function$;

comment on function oms.release_order(uuid, bigint, text, timestamptz) is
$$Gives back a request that the broker certainly does not have: it is PENDING again. An order whose cancel
was asked for meanwhile ends here instead, and its cancel with it.
Why: what a person has cancelled must not be sent again, and a cancel of nothing must not wait for ever.$$;
