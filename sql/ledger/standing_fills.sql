create or replace view ledger.standing_fills as
select f.*
  from ledger.fills as f
 where f.reverses_seq is null
   and not exists (select from ledger.fills as r
                    where r.run_id = f.run_id and r.reverses_seq = f.fill_seq);

comment on view ledger.standing_fills is
$$Fills that count: neither a reversal nor reversed.$$;
