create or replace view inv.a_fill_is_booked_once as
select f.run_id, f.execution_id as what
  from ledger.fills as f
  left join oms.inbox as i
    on i.run_id = f.run_id and f.fill_seq in (i.fill_seq, i.reversal_seq)
  left join ledger.entries as e on e.run_id = f.run_id and e.fill_seq = f.fill_seq
 group by f.run_id, f.fill_seq, f.execution_id
having count(distinct i.inbox_id) <> 1 or count(distinct e.entry_seq) <> 1;

comment on view inv.a_fill_is_booked_once is
$$I05: Every booked fill, and every reversal, comes from one broker message and made one ledger entry.$$;
