create or replace view inv.an_applied_fill_is_booked as
select i.run_id, i.broker_message_id as what
  from oms.inbox as i
 where i.event_kind in ('partial_fill', 'fill', 'trade_correct')
   and (i.disposition = 'APPLIED') <> (i.fill_seq is not null);

comment on view inv.an_applied_fill_is_booked is
$$I05: A fill message is applied exactly when it is booked.$$;
