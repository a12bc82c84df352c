create or replace view inv.a_halt_is_told as
select e.chain_id as run_id, format('event %s', e.event_seq) as what
  from pager.cursors as k
  join audit.events as e on e.chain_id = k.chain_id and e.event_seq <= k.read_seq
 where e.event_name = 'RUN_HALTED'
   and not exists (
       select from pager.notices as n
        where n.chain_id = e.chain_id and n.event_seq = e.event_seq and n.channel = 'ALERTS');

comment on view inv.a_halt_is_told is
$$I50: Every halt in the part of the diary that the notifier has read has a notice on the channel ALERTS.$$;
