create or replace function oms.is_claimable(
    p_row        oms.outbox,
    p_is_shut    boolean,
    p_may_reduce boolean,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
return (p_row).outbox_status = 'PENDING'
       and coalesce((p_row).not_before_at <= p_now_at, true)
       and case (p_row).request_kind
               when 'SUBMIT' then case (p_row).lane when 'REDUCING' then p_may_reduce
                                                    else not p_is_shut end
               else oms.get_broker_order_id((p_row).run_id, (p_row).order_id) is not null end;

comment on function oms.is_claimable(oms.outbox, boolean, boolean, timestamptz) is
$$True for a pending request that may go out now: a submit while the run may trade (one that flattens:
while the run is halted and may reduce), a cancel at any time, once the broker's name for the order is
known; none before the broker's own time for us.
Why: what takes risk away is never held back by a gate.$$;
