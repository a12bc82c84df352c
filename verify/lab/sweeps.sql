-- Verify mqk:lab/sweeps on pg

begin;

set local role mqk_owner;

select sweep_id, dataset_id, config_hash, grid, jobs, created_by, created_at
  from lab.sweeps
 where false;

select sweep_id, job_no, config_hash, parameters, job_status, claim_no, claimed_by, expires_at,
       backtest_id, failure, ended_at
  from lab.sweep_jobs
 where false;

rollback;
